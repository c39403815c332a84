-- expect: timeout -- keeps the memory full and makes garbage: each allocation collects
local kept = {}
pcall(function()
  while true do
    kept[#kept + 1] = ("x"):rep(10000) .. #kept
  end
end)
while true do
  pcall(function() return ("y"):rep(9000) .. #kept end)
end
