-- expect: error:C stack overflow -- coroutines inside each other, without end
local function nest()
  local ok, why = coroutine.resume(coroutine.create(nest))
  if not ok then
    error(why, 0)
  end
end
nest()
