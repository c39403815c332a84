-- expect: error:C stack overflow -- the same with wrap
local function nest()
  coroutine.wrap(nest)()
end
nest()
