-- expect: memory -- a hundred copies of 100,000 characters
return (("%s"):rep(200)):format(table.unpack((function()
  local t = {}
  for i = 1, 200 do
    t[i] = ("x"):rep(100000)
  end
  return t
end)()))
