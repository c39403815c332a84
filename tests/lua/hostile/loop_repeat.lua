-- expect: timeout -- an endless loop in repeat
repeat
until false
