-- expect: error:C stack overflow -- sort whose comparator sorts
local function less(a, b)
  table.sort({ 1, 2 }, less)
  return a < b
end
table.sort({ 2, 1 }, less)
