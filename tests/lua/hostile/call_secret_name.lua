-- expect: ok -- looks for the name under which __call is kept
local mt = { __call = function() return 7 end }
local t = setmetatable({}, mt)
assert(t() == 7)
local names = {}
for k in pairs(mt) do
  names[#names + 1] = k
end
assert(#names == 1 and names[1] == "__call")
local k = next(mt)
assert(k == "__call" and next(mt, k) == nil)
