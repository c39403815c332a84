-- expect: ok -- a finalizer put in after setmetatable: never called
local called = false
do
  local mt = {}
  local t = setmetatable({}, mt)
  mt.__gc = function() called = true end
  t.x = 1
end
for i = 1, 20000 do
  local _ = { i }
end
assert(not called)
