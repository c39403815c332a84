-- expect: error:stack overflow -- two functions that call each other
local f
local function g(x)
  return f(x) .. ""
end
function f(x)
  return g(x) .. ""
end
f("x")
