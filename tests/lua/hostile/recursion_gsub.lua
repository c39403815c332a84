-- expect: error:C stack overflow -- gsub whose callback calls gsub
local function f(s)
  return (s:gsub(".", f))
end
f("aaaa")
