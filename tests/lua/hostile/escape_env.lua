-- expect: error:assignment to undeclared global -- a global by way of _ENV
_ENV.stolen = 1
