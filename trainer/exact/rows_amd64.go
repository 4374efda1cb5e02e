package exact

// rowsOf is the table of row kernels for a rule set.
func rowsOf(n Numerics) *rowKernels {
	if n == BFloat16 {
		return &rowsB
	}
	return &rowsZ
}

var rowsZ = rowKernels{
	round: roundZ, scale: scaleZ, scale2: scale2Z, norm: normZ, fetch: fetchZ, dsoftmax: dsoftmaxZ, swiglu: swigluZ, dswiglu: dswigluZ,
	dot: dotZ, finite: nonfiniteZ, across: acrossZ, expandRow: expandRow, expandPanel: expandPanel,
	add: add, mul: mul, normF: normF, rotate: rotate, dnorm: dnorm,
	sumsq: sumsq, dotnorm: dotnorm, expsum: expsum, maxlanes: maxlanes, infinite: nonfinite,
}

var rowsB = rowKernels{
	round: roundB, scale: scaleB, scale2: scale2B, norm: normB, fetch: fetchB, dsoftmax: dsoftmaxB, swiglu: swigluB, dswiglu: dswigluB,
	dot: dotB, finite: nonfiniteB, across: acrossB, expandRow: expandRow, expandPanel: expandPanel,
	add: add, mul: mul, normF: normF, rotate: rotate, dnorm: dnorm,
	sumsq: sumsq, dotnorm: dotnorm, expsum: expsum, maxlanes: maxlanes, infinite: nonfinite,
}
