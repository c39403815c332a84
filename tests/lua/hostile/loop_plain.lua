-- expect: timeout -- an endless loop with nothing in it
while true do
end
