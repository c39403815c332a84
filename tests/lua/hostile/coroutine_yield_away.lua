-- expect: yield -- a yield where nothing may wait
coroutine.yield("gone")
