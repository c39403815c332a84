-- expect: error:'os' is not available -- the operating system
os.execute("true")
