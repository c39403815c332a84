-- expect: memory -- a chain of tables without end: collecting it must not recurse
local t = {}
while true do
  t = { t }
end
