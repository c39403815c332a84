-- expect: memory -- gsub that multiplies a text
local s = "xxxxxxxxxx"
while true do
  s = s:gsub(".", "%0%0%0%0")
end
