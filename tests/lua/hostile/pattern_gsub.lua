-- expect: timeout -- the same in gsub, caught again and again
while true do
  pcall(string.gsub, ("a"):rep(100), ("a?"):rep(60) .. ("a"):rep(60) .. "b", "")
end
