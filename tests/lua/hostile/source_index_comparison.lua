-- expect: error:a comparison alone as an index -- an index that is a comparison, which 5.4.4 compiles to a jump into anything
local t = { [true] = "yes", [false] = "no" }
local function pick(a, b)
  return t[a < b]
end
return pick(1, 2)
