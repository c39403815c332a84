// Runs, or the policy of the page forbids it: then the console says so.
document.documentElement.dataset.wishes = "here";
