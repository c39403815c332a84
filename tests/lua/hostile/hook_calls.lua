-- expect: timeout -- calls of builtins only: few instructions, much work
local s = ("x"):rep(100000)
while true do
  s:upper():lower():reverse():byte(1, 100)
end
