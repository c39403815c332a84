-- expect: timeout -- a for of 2^62 rounds
for i = 1, 1 << 62 do
  local _ = i
end
