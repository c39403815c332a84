-- expect: timeout -- a for whose step is too small to matter
for i = 1e300, 1e301, 1 do
  local _ = i
end
