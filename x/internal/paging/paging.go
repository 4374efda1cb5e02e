// Package paging answers queries for lists, page by page.
package paging

import (
	"context"

	"github.com/cosmos/cosmos-sdk/types/query"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Collect is a page of a list. It is query.CollectionPaginate, but a page that cannot be meant is told to be the asker's
// mistake.
func Collect[K, V any, C query.Collection[K, V], T any](ctx context.Context, list C, page *query.PageRequest,
	each func(K, V) (T, error), options ...func(*query.CollectionsPaginateOptions[K])) ([]T, *query.PageResponse, error) {
	return Filter(ctx, list, page, nil, each, options...)
}

// Filter is Collect of the entries that are wanted.
func Filter[K, V any, C query.Collection[K, V], T any](ctx context.Context, list C, page *query.PageRequest, want func(K, V) (bool, error),
	each func(K, V) (T, error), options ...func(*query.CollectionsPaginateOptions[K])) ([]T, *query.PageResponse, error) {
	if page != nil && page.Offset > 0 && page.Key != nil {
		return nil, nil, status.Error(codes.InvalidArgument, "pagination: give a key or an offset, not both")
	}
	return query.CollectionFilteredPaginate(ctx, list, page, want, each, options...)
}
