package exact

import (
	"runtime"
	"sync/atomic"
)

// Thread is one thread of an engine inside a region: arithmetic and working memory of its own.
type Thread struct {
	arith
	id     int
	a, b   []uint32    // a widened left operand, [rows][2·units] or [2·units][rows]; a derived panel, [units][width]
	wide   []uint32    // a widened panel, [2·units][width]
	floats [][]float32 // [number][n], see Floats
	words  [][]uint32  // [number][n], see Words
	panels Panels      // see Panel
}

// ID is the thread's number in its engine, from 0.
func (t *Thread) ID() int { return t.id }

// Floats is working memory number i of the thread, floats [n] with any contents.
func (t *Thread) Floats(i, n int) []float32 { return numbered(&t.floats, i, n) }

// Words is working memory number i of the thread, words [n] with any contents.
func (t *Thread) Words(i, n int) []uint32 { return numbered(&t.words, i, n) }

// Panel is a right operand of the thread's own, to be packed and used at once.
func (t *Thread) Panel() *Panels { return &t.panels }

func numbered[T any](s *[][]T, i, n int) []T {
	for len(*s) <= i {
		*s = append(*s, nil)
	}
	(*s)[i] = grow((*s)[i], n)
	return (*s)[i]
}

// grow returns s with n elements; the contents are not kept.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// pool is a region's tasks and the goroutines that take them. It knows nothing of the Engine, so that an engine that
// nobody holds any more can end them.
type pool struct {
	threads []*Thread
	wake    []chan struct{} // one for each goroutine beside the caller's
	done    chan struct{}
	left    atomic.Int64 // goroutines still in the region
	next    atomic.Int64
	n       int64
	task    func(i int, t *Thread)
}

func newPool(a arith, threads int) *pool {
	p := &pool{done: make(chan struct{}, 1)}
	for i := range threads {
		p.threads = append(p.threads, &Thread{arith: a, id: i})
	}
	return p
}

func (p *pool) start() {
	for _, t := range p.threads[1:] {
		c := make(chan struct{}, 1)
		p.wake = append(p.wake, c)
		go p.serve(t, c)
	}
}

func (p *pool) stop() {
	for _, c := range p.wake {
		close(c)
	}
}

// spins is how often a thread looks for work, or for the end of a region, before it sleeps: some tens of microseconds.
const spins = 20000

func await(c <-chan struct{}) bool {
	for i := 0; i < spins && len(c) == 0; i++ {
	}
	_, ok := <-c
	return ok
}

func (p *pool) serve(t *Thread, wake <-chan struct{}) {
	for await(wake) {
		p.work(t)
		if p.left.Add(-1) == 0 {
			p.done <- struct{}{}
		}
	}
}

func (p *pool) work(t *Thread) {
	for {
		i := p.next.Add(1) - 1
		if i >= p.n {
			return
		}
		p.task(int(i), t)
	}
}

// Run is a parallel region: task(i) for i in [0,n) on the engine's threads. Tasks write disjoint outputs and may not
// start regions themselves.
func (e *Engine) Run(n int, task func(i int, t *Thread)) {
	p := e.pool
	helpers := min(len(p.threads), n) - 1
	if helpers <= 0 {
		for i := range n {
			task(i, p.threads[0])
		}
		return
	}
	if p.wake == nil {
		p.start()
		runtime.AddCleanup(e, (*pool).stop, p)
	}
	p.task, p.n = task, int64(n)
	p.next.Store(0)
	p.left.Store(int64(helpers))
	for _, c := range p.wake[:helpers] {
		c <- struct{}{}
	}
	p.work(p.threads[0])
	await(p.done)
	p.task = nil
}

// Thread is the calling goroutine's thread, for work between regions.
func (e *Engine) Thread() *Thread { return e.pool.threads[0] }

// Threads is the number of threads of the engine.
func (e *Engine) Threads() int { return len(e.pool.threads) }
