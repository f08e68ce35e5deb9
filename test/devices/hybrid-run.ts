// Imported first: whatever comes after it runs with isolated drivers.
process.env['KSPACE_DRIVERS'] = 'hybrid';
