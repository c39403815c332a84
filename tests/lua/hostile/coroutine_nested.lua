-- expect: timeout -- an endless loop in coroutines inside each other
local function nest(n)
  if n == 0 then
    while true do
    end
  end
  local ok, why = coroutine.resume(coroutine.create(nest), n - 1)
  return ok, why
end
while true do
  nest(50)
end
