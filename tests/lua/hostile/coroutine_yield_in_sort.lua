-- expect: error:attempt to yield across a C-call boundary -- a yield out of a comparator
table.sort({ 2, 1 }, coroutine.yield)
