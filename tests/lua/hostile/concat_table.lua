-- expect: memory -- table.concat of more than fits
local t = {}
for i = 1, 2000 do
  t[i] = ("x"):rep(1000)
end
return table.concat(t)
