-- expect: memory -- arguments that double on each call
local function f(...)
  return f(..., ...)
end
local function g(...)
  return g(1, ...) + 1
end
g(f == nil)
