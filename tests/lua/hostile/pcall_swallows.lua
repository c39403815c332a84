-- expect: timeout -- a loop that swallows every error with pcall
while true do
  pcall(function()
    while true do
    end
  end)
end
