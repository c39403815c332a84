-- expect: timeout -- the same in gmatch
for x in ("a"):rep(100):gmatch(("a*"):rep(50) .. "b") do
  local _ = x
end
