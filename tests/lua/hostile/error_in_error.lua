-- expect: error:again -- errors thrown while errors are handled
local function f(n)
  local ok, why = pcall(error, "x")
  if n == 0 then
    error("again", 0)
  end
  if not ok then
    f(n - 1)
  end
  return why
end
f(100)
