-- expect: timeout -- resume that swallows the end of the budget
while true do
  coroutine.resume(coroutine.create(function()
    table.sort({ 1, 2 }, function()
      while true do
      end
    end)
  end))
end
