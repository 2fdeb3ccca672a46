"""The lecture's last claim measured on LeNet: lab.py is the bench, runs.py the methods, valleys.py
where they end."""
