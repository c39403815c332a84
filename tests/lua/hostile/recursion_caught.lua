-- expect: timeout -- overflows the stack, catches it, does it again
local function f()
  return 1 + f()
end
while true do
  pcall(f)
end
