-- expect: yield -- the same, inside pcall
pcall(pcall, coroutine.yield, "gone")
while true do
end
