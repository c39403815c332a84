-- expect: timeout -- a loop of errors, each caught
while true do
  pcall(error, "again")
end
