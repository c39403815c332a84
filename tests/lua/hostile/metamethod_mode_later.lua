-- expect: ok -- a __mode put in later: the table stays strong
local mt = {}
local t = setmetatable({}, mt)
mt.__mode = "k"
t[{}] = true
for i = 1, 20000 do
  local _ = { i }
end
assert(next(t) ~= nil)
