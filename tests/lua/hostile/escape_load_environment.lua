-- expect: error:chunks get the environment of the script -- load with an environment of its own
return load("return x", "x", "t", {})
