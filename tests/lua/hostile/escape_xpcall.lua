-- expect: error:'xpcall' is not available -- a message handler, which would run while the budget is spent
xpcall(error, function()
  while true do
  end
end)
