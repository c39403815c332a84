-- expect: timeout -- comparisons of texts of a megabyte
local a = ("x"):rep(1000000) .. "a"
local b = ("x"):rep(1000000) .. "b"
while true do
  local _ = a < b
end
