-- expect: timeout -- %b tried at each of many thousand brackets
while true do
  pcall(string.gsub, ("("):rep(100000), "%b()", "")
end
