-- expect: error:assignment to undeclared global -- a global to keep something in
counter = 1
