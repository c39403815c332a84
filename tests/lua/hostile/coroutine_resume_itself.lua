-- expect: ok -- resumes itself and its parent
local co
co = coroutine.create(function() return coroutine.resume(co) end)
local ok, inner, why = coroutine.resume(co)
assert(ok and not inner and why == "cannot resume non-suspended coroutine")
assert(not coroutine.resume(coroutine.running()))
