"""The invented names of the demo clinic: people, practitioners and machines that don't exist."""

FIRST_NAMES = """
Ada Aisha Aleksander Amara Amélie Anouk Anton Asha Benedikt Bianca Björn Camille Cara Chidi Chloë Dalia Dario Elif
Emre Esther Farah Femi Fiona Gwen Hana Hugo Ines Ingrid Isak Jasmin João Jonas Kaia Karim Leila Lena Luka Maeve
Malik Marta Mei Milan Nadia Niamh Noor Oksana Olivia Orla Priya Rafael Renée Rosa Samuel Sanna Sina Sofía Tariq
Tomas Wanda Yusuf Zoë
""".split()

SURNAMES = """
Abara Adeyemi Ahlberg Almeida Andersen Aslan Baptiste Barros Becker Bianchi Błaszczyk Bracken Calder Castellanos Chen
Conti D'Arcy Dahl Dempsey Díaz Dubois Egger Ekström Farouk Fenwick Ferrari Fischer Gallagher García Ghosh Goldberg
Gruber Haddad Hansen Hartley Hassan Horvat Ibrahim Ito Ivanova Jensen Kaplan Kaur Keller Khan Kim Kowalska Kruger
Laurent Lindqvist Lopes Mahmood Marchetti Mbeki Mehta Moreau Müller Nakamura Ncube Nguyen Novák O'Brien O'Shea Okafor
Olsen Osei Patel Pereira Petrov Quigley Rahman Rossi Santos Schäfer Silva Singh Sørensen Sullivan Tanaka Vermeer Wójcik
Yilmaz
""".split()

PRACTITIONERS = ["Dr Mara Ellison", "Nurse Tobi Adewale", "Dr Henrik Solberg", "Nurse Priscilla Vaughan"]

DEVICES = ["Meridian Pen 2", "Halden M8", "Corvus Derma"]

BOOKING_SYSTEM = "Booking system"
"""Under this name patients have a number in the clinic's other system."""
