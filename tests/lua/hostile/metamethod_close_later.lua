-- expect: timeout -- a __close put in later, run for the fourth value of a generic for
local mt = {}
local t = setmetatable({}, mt)
mt.__close = function()
  while true do
  end
end
for _ in next, { 1 }, nil, t do
end
