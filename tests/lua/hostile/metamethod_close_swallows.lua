-- expect: timeout -- a __close that goes on when the budget is spent
local mt = {}
local t = setmetatable({}, mt)
mt.__close = function()
  while true do
  end
end
while true do
  pcall(function()
    for _ in next, { 1 }, nil, t do
      table.sort({ 1, 2 }, function()
        while true do
        end
      end)
    end
  end)
end
