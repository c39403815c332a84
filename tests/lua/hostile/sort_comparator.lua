-- expect: timeout -- an endless loop in a comparator
table.sort({ 3, 2, 1 }, function()
  while true do
  end
end)
