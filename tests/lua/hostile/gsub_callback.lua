-- expect: timeout -- an endless loop in a callback of gsub
pcall(string.gsub, "abc", ".", function()
  while true do
  end
end)
while true do
  ("abc"):gsub(".", function() return "x" end)
end
