-- expect: error:C stack overflow -- pcall inside pcall, thousands deep
local function deep(n)
  local ok, why = pcall(deep, n + 1)
  if not ok then
    error(why, 0)
  end
end
deep(1)
