-- expect: timeout -- coroutines that each run for less than the hook sees
while true do
  coroutine.wrap(function()
    local x = 0
    for i = 1, 20 do
      x = x + i
    end
    return x
  end)()
end
