-- expect: timeout -- tail calls without end: no stack is used
local function f()
  return f()
end
f()
