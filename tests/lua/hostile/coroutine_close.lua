-- expect: error:attempt to call a nil value (field 'close') -- coroutine.close, whose nesting overflows the C stack of 5.4.4
coroutine.close(coroutine.create(function() end))
