"""The closed table of unit names, as Pint defines them, with person, dollar and a quarter of a year beside.

Generated from Pint by `tests/worldmodel/units/pint_table.py`, which a test holds equal to this file. Within a group of
units with the same base units, entries are divided by semicolons: the factor and every name.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

_PREFIXES = """
- 1.0; quecto 1e-30; q 1e-30; ronto 1e-27; r 1e-27; yocto 1e-24; y 1e-24; zepto 1e-21; z 1e-21; atto 1e-18; a 1e-18;
femto 1e-15; f 1e-15; pico 1e-12; p 1e-12; nano 1e-09; n 1e-09; micro 1e-06; u 1e-06; mu 1e-06; mc 1e-06; milli 0.001;
m 0.001; centi 0.01; c 0.01; deci 0.1; d 0.1; deca 10.0; da 10.0; deka 10.0; hecto 100.0; h 100.0; kilo 1000.0; k
1000.0; mega 1000000.0; M 1000000.0; giga 1000000000.0; G 1000000000.0; tera 1000000000000.0; T 1000000000000.0; peta
1000000000000000.0; P 1000000000000000.0; exa 1e+18; E 1e+18; zetta 1e+21; Z 1e+21; yotta 1e+24; Y 1e+24; ronna 1e+27;
R 1e+27; quetta 1e+30; Q 1e+30; kibi 1024.0; Ki 1024.0; mebi 1048576.0; Mi 1048576.0; gibi 1073741824.0; Gi
1073741824.0; tebi 1099511627776.0; Ti 1099511627776.0; pebi 1125899906842624.0; Pi 1125899906842624.0; exbi
1.152921504606847e+18; Ei 1.152921504606847e+18; zebi 1.1805916207174113e+21; Zi 1.1805916207174113e+21; yobi
1.2089258196146292e+24; Yi 1.2089258196146292e+24; semi 0.5; demi 0.5; sesqui 1.5
"""

_MULTIPLES = """
@
6.02214076e+23 avogadro_number; 2.718281828459045 eulers_number; 0.0072973525643394025 fine_structure_constant alpha;
2.302585092994046 ln10; 0.01 percent; 0.001 permille; 3.141592653589793 pi; 1e-06 ppm; 1.0 strain;
4.848136811133344e-06 tansec; 2.8214393721220787 wien_u; 4.965114231744276 wien_x; 29979245800.0 zeta
@ absorbance_unit**1
1.0 absorbance_unit AU
@ ampere**-1 kilogram**1 meter**1 second**-3
514220675112.0944 atomic_unit_of_electric_field a_u_electric_field
@ ampere**-1 kilogram**1 meter**2 second**-2
2.0678338484619295e-15 magnetic_flux_quantum Phi_0; 1.2566370612696005e-07 unit_pole; 1.0 weber Wb
@ ampere**-1 kilogram**1 meter**2 second**-3
1.00033 US_international_volt V_US; 1e-08 abvolt abV; 1.0000001066651074 conventional_volt_90 V_90; 1.00034
mean_international_volt V_it; 1.0 volt V
@ ampere**-1 kilogram**1 meter**4 second**-3
1e-21 townsend Td
@ ampere**-1 kilogram**1 second**-2
1.0000000000000003e-09 gamma; 1.0 tesla T
@ ampere**-1 kilogram**1 second**-3
9.717362442414777e+21 atomic_unit_of_electric_field_gradient a_u_efg
@ ampere**-2 kilogram**1 meter**1 second**-2
1.2566370612696005e-06 vacuum_permeability magnetic_constant mu0 mu_0
@ ampere**-2 kilogram**1 meter**2 second**-2
1.0000000000000003e-09 abhenry abH; 1.0000000177936679 conventional_henry_90 H_90; 1.0 henry H
@ ampere**-2 kilogram**1 meter**2 second**-3
1.000495 US_international_ohm ohm_US; 1.0000000000000003e-09 abohm; 1.0000000177936679 conventional_ohm_90 ohm_90;
25812.807 conventional_von_klitzing_constant R_K90; 376.7303134119101 impedance_of_free_space Z_0
characteristic_impedance_of_vacuum; 1.00049 mean_international_ohm ohm_it; 1.0 ohm; 25812.807459304513
von_klitzing_constant R_K
@ ampere**-2 kilogram**1 meter**3 second**-4
8987551786.178669 coulomb_constant k_C
@ ampere**1
0.9998350816345909 US_international_ampere A_US; 10.0 abampere abA; 1.0 ampere A amp; 1.0 ampere_turn At;
0.006623618237508185 atomic_unit_of_current a_u_current; 10.0 biot Bi; 10.0 biot_turn; 1.000000088871438
conventional_ampere_90 A_90; 0.7957747154594768 gilbert Gb; 0.9998500734640026 mean_international_ampere A_it;
3.478872754928505e+25 planck_current
@ ampere**1 kilogram**-1 meter**-2 second**2
483597900000000.0 conventional_josephson_constant K_J90; 483597848416983.56 josephson_constant K_J
@ ampere**1 kilogram**-1 second**1
0.000258 roentgen
@ ampere**1 meter**1 second**1
3.335640951981521e-30 debye D
@ ampere**1 meter**2
9.274010065738068e-24 bohr_magneton mu_B; 5.050783739271897e-27 nuclear_magneton mu_N
@ ampere**1 meter**2 second**1
3.3356409519815214e-40 buckingham
@ ampere**1 mole**-1 second**1
96485.33212331001 faraday_constant
@ ampere**1 second**1
10.0 abcoulomb abC; 3600.0 ampere_hour Ah; 1.000000088871438 conventional_coulomb_90 C_90; 1.0 coulomb C;
1.602176634e-19 elementary_charge e; 96485.33212331001 faraday
@ ampere**2 kilogram**-1 meter**-2 second**3
1000000000.0 absiemens abS abmho; 7.74809172986365e-05 conductance_quantum G_0; 1.0 siemens S mho
@ ampere**2 kilogram**-1 meter**-2 second**4
1000000000.0 abfarad abF; 0.9999999822063327 conventional_farad_90 F_90; 1.0 farad F
@ ampere**2 kilogram**-1 meter**-3 second**4
8.854187818792247e-12 vacuum_permittivity electric_constant eps0 eps_0 epsilon_0
@ bit**1
1.0 bit; 8.0 byte B octet
@ bit**1 pixel**-1
1.0 bits_per_pixel bpp
@ bit**1 second**-1
1.0 baud Bd bps
@ candela**1
1.0 candela candle cd
@ candela**1 meter**-2
3183.098861837907 lambert; 1.0 nit; 10000.0 stilb
@ candela**1 meter**-2 radian**2
1.0 lux lx
@ candela**1 radian**2
1.0 lumen lm
@ count**1
1.0 count
@ count**1 second**-1
1.0 becquerel Bq; 1.0 counts_per_second cps; 37000000000.0 curie Ci; 1000000.0 rutherford Rd
@ dollar**1
1.0 dollar
@ kelvin**-1 kilogram**1 meter**2 mole**-1 second**-2
4.184 entropy_unit eu; 8.314462618153241 molar_gas_constant R
@ kelvin**-1 kilogram**1 meter**2 second**-2
1.380649e-23 boltzmann_constant k k_B; 4.184 clausius Cl
@ kelvin**-1 second**-1
58789257576.468254 wien_frequency_displacement_law_constant
@ kelvin**-4 kilogram**1 second**-3
5.670374419184431e-08 stefan_boltzmann_constant sigma
@ kelvin**1
315775.0248039855 atomic_unit_of_temperature a_u_temp; 0.5555555555555556 degree_Rankine degR degreeR rankine; 1.0
delta_degree_Celsius delta_celsius delta_degC delta_degreeC; 0.5555555555555556 delta_degree_Fahrenheit delta_degF
delta_degreeF delta_fahrenheit; 1.25 delta_degree_Reaumur delta_degRe delta_degreeRe delta_reaumur; 1.0 kelvin K degK
degreeK degree_Kelvin; 1.4167841621573425e+32 planck_temperature
@ kelvin**1 meter**1
0.014387768775039337 second_radiation_constant c_2; 0.0028977719551851727 wien_wavelength_displacement_law_constant
@ kilogram**-1 meter**1
1693.3618173515572 number_english ECC Ne NeC; 1000.0 number_meter Nm
@ kilogram**-1 meter**1 second**1
10.0 rhe
@ kilogram**-1 meter**3 second**-2
6.6743e-11 newtonian_constant_of_gravitation gravitational_constant
@ kilogram**0.5 meter**-0.5 second**-1
0.3162277660168379 gauss G; 0.3162277660168379 oersted Oe
@ kilogram**0.5 meter**-1.5
31.622776601683793 stattesla statT
@ kilogram**0.5 meter**0.5
0.0031622776601683794 statweber statWb
@ kilogram**0.5 meter**0.5 second**-1
0.0031622776601683794 statvolt statV
@ kilogram**0.5 meter**1.5 second**-1
3.1622776601683795e-05 franklin Fr esu statC statcoulomb; 3.1622776601683795e-05 maxwell Mx
@ kilogram**0.5 meter**1.5 second**-2
3.1622776601683795e-05 statampere statA
@ kilogram**1
50.80234544 UK_hundredweight UK_cwt; 1016.0469088000001 UK_ton; 45.35923700000001 US_hundredweight US_cwt;
907.1847400000001 US_ton; 0.003887934600000001 apothecary_dram ap_dr apothecary_drachm drachm; 0.03110347680000001
apothecary_ounce ap_oz; 0.3732417216000001 apothecary_pound ap_lb; 1.6605390689200003e-27 atomic_mass_constant m_u;
42.637682780000006 bag; 0.0002 carat ct; 1.6605390689200003e-27 dalton Da; 0.0017718451953125003 dram avdp_dram
avoirdupois_dram dr; 9.1093837139e-31 electron_mass a_u_mass atomic_unit_of_mass m_e; 1e-09 gamma_mass;
6.479891000000001e-05 grain gr; 0.001 gram g; 45.35923700000001 hundredweight cwt short_hundredweight; 50.80234544
long_hundredweight; 1016.0469088000001 long_ton; 1000.0 metric_ton t tonne; 1.6749275005600005e-27 neutron_mass m_n;
0.028349523125000005 ounce avdp_ounce avoirdupois_ounce oz; 0.00155517384 pennyweight dwt; 2.176434342717899e-08
planck_mass; 0.4535923700000001 pound avdp_pound avoirdupois_pound lb; 1.67262192595e-27 proton_mass m_p; 0.0012959782
scruple; 175.12683524647645 slinch blob slugette; 14.59390293720637 slug; 6.35029318 stone; 907.1847400000001 ton
short_ton; 0.03110347680000001 troy_ounce ozt toz; 0.3732417216000001 troy_pound lbt tlb; 1.6605390689200003e-27
unified_atomic_mass_unit amu u
@ kilogram**1 meter**-1
3.444823943448042e-05 aberdeen Ta; 1.1111111111111111e-07 denier den; 3.444823943448042e-05 jute Tj; 1e-06 tex Tt
@ kilogram**1 meter**-1 second**-1
0.1 poise P; 6894.7572931683635 reyn
@ kilogram**1 meter**-1 second**-2
100000.0 bar; 0.1 barye Ba barad barie barrie baryd; 2989.0669199999993 foot_H2O feetH2O feet_H2O ftH2O ft_H2O;
2988.9832261262395 foot_H2O_4C feetH2O_4C feet_H2O_4C ftH2O_4C ft_H2O_4C; 2986.080842146919 foot_H2O_60F feetH2O_60F
feet_H2O_60F ftH2O_60F ft_H2O_60F; 40636.663684092004 foot_Hg feetHg feet_Hg ftHg ft_Hg; 40636.663684092004 foot_Hg_0C
feetHg_0C feet_Hg_0C ftHg_0C ft_Hg_0C; 40636.663684092004 foot_Hg_32F feetHg_32F feet_Hg_32F ftHg_32F ft_Hg_32F;
40522.182421055986 foot_Hg_60F feetHg_60F feet_Hg_60F ftHg_60F ft_Hg_60F; 249.08890999999997 inch_H2O inH2O in_H2O
inchesH2O inches_H2O; 249.08193551052 inch_H2O_4C inH2O_4C in_H2O_4C inchesH2O_4C inches_H2O_4C; 248.84007017891
inch_H2O_60F inH2O_60F in_H2O_60F inchesH2O_60F inches_H2O_60F; 3386.3886403409997 inch_Hg inHg in_Hg inchesHg
inches_Hg; 3386.3886403409997 inch_Hg_0C inHg_0C in_Hg_0C inchesHg_0C inches_Hg_0C; 3386.3886403409997 inch_Hg_32F
inHg_32F in_Hg_32F inchesHg_32F inches_Hg_32F; 3376.8485350879996 inch_Hg_60F inHg_60F in_Hg_60F inchesHg_60F
inches_Hg_60F; 6894757.293168365 kip_per_square_inch ksi; 9806.65 meter_H2O mH2O m_H2O; 9806.3754138 meter_H2O_4C
mH2O_4C m_H2O_4C; 9796.853156649999 meter_H2O_60F mH2O_60F m_H2O_60F; 133322.387415 meter_Hg mHg m_Hg; 133322.387415
meter_Hg_0C mHg_0C m_Hg_0C; 133322.387415 meter_Hg_32F mHg_32F m_Hg_32F; 132946.79272 meter_Hg_60F mHg_60F m_Hg_60F;
1.0 pascal Pa; 6894.7572931683635 pound_force_per_square_inch psi; 2e-05 sound_pressure_level SPL; 101325.0
standard_atmosphere atm atmosphere; 98066.5 technical_atmosphere at; 133.32236842105263 torr
@ kilogram**1 meter**-3
13595.1 conventional_mercury_density; 1000.0 conventional_water_density; 13595.1 mercury_density_0C; 13595.1
mercury_density_32F; 13556.800000000001 mercury_density_60F; 999.972 water_density_4C; 999.001 water_density_60F
@ kilogram**1 meter**1 second**-2
9964.01641818352 UK_force_ton UK_ton_force; 8896.443230521003 US_force_ton US_ton_force; 8.238723503843028e-08
atomic_unit_of_force a_u_force; 1e-05 dyne dyn; 0.00980665 force_gram gf gram_force pond; 9.80665 force_kilogram kgf
kilogram_force; 9964.01641818352 force_long_ton long_ton_force; 9806.65 force_metric_ton force_t metric_ton_force
t_force tf; 0.2780138509537813 force_ounce ounce_force ozf; 4.4482216152605005 force_pound lbf pound_force;
8896.443230521003 force_ton force_short_ton short_ton_force ton_force; 4448.2216152605015 kip; 1.0 newton N;
0.138254954376 poundal pdl
@ kilogram**1 meter**2 second**-1
1.0545718176461565e-34 dirac_constant a_u_action atomic_unit_of_action hbar; 6.626070150000001e-34 planck_constant
@ kilogram**1 meter**2 second**-2
105480400.0 US_therm; 101.32500000000003 atmosphere_liter atm_l; 1055.056 british_thermal_unit BTU Btu Btu_iso; 4.184
calorie cal cal_th thermochemical_calorie; 1.602176634e-19 electron_volt eV electronvolt; 1.0000000000000001e-07 erg;
4.1855 fifteen_degree_calorie cal_15; 1.3558179483314001 foot_pound footpound ft_lb; 4.359744722205978e-18 hartree E_h
Eh a_u_energy atomic_unit_of_energy hartree_energy; 1055.05585262 international_british_thermal_unit Btu_it; 4.1868
international_calorie cal_it international_steam_table_calorie; 1.0 joule J; 1.055056e+18 quadrillion_Btu quad;
2.179872361102989e-18 rydberg Ry; 105505600.0 therm EC_therm thm; 1054.3502644888893
thermochemical_british_thermal_unit Btu_th; 4184000000.0 ton_TNT tTNT; 41868000000.0 tonne_of_oil_equivalent toe;
3600.0 watt_hour Wh watthour
@ kilogram**1 meter**2 second**-3
9810.555444444444 boiler_horsepower; 1.0000001955365547 conventional_watt_90 W_90; 4396.0666666666675
cooling_tower_ton; 746.0 electrical_horsepower; 745.6998715822701 horsepower UK_horsepower hp hydraulic_horsepower;
735.49875 metric_horsepower; 3516.8533333333335 refrigeration_ton ton_of_refrigeration; 1.6887500000000004
standard_liter_per_minute slm slpm; 1.0 volt_ampere VA; 1.0 watt W
@ kilogram**1 meter**4 second**-3
3.7417718521927573e-16 first_radiation_constant c_1
@ kilogram**1 second**-2
41840.0 langley Ly; 3600000.0 peak_sun_hour PSH
@ kilogram**1 second**-3
3.509445527729845e+20 atomic_unit_of_intensity a_u_intensity
@ meter**-1
100.0 reciprocal_centimeter cm_1 kayser; 10973731.568157 rydberg_constant R_inf
@ meter**-1 pixel**1
100.0 pixels_per_centimeter PPCM; 39.37007874015748 pixels_per_inch DPI PPI dots_per_inch ppi printers_dpi
@ meter**-1 second**1
100.0 statohm
@ meter**-1 second**2
100.0 stathenry statH
@ meter**-3 mole**1
999.9999999999999 molar M
@ meter**1
1e-10 angstrom; 1.00001495e-10 angstrom_star; 149597870700.0 astronomical_unit au; 5.291772105438828e-11 bohr a0 a_0
a_u_length atomic_unit_of_length bohr_radius; 219.45643891287781 cables_length; 20.116840233680467 chain;
0.004511278195488722 cicero; 2.8179403204619567e-15 classical_electron_radius r_e; 0.0002645833333333333 css_pixel px;
0.00037593984962406017 didot; 1.828803657607315 fathom; 1e-15 fermi fm; 0.30479999999999996 foot feet ft
international_feet international_foot; 201.16840233680466 furlong fur; 0.1016 hand; 0.0254 inch in inches
international_inch international_inches; 4828.041656083312 league; 9460730472580800.0 light_year lightyear ly;
0.20116840233680466 link li survey_link; 1.0 meter m metre; 1e-06 micron; 1609.344 mile international_mile mi; 1852.0
nautical_mile nmi; 3.0856775814671916e+16 parsec pc; 0.004233333333333333 pica printers_pica; 1.616255024423705e-35
planck_length; 0.00035277777777777776 point big_point bp pp printers_point; 5.029210058420117 rod perch pole rd;
5.362851005776947e-09 scaled_point; 0.01 statfarad statF; 0.3048006096012192 survey_foot sft; 1609.3472186944373
survey_mile smi us_statute_mile; 0.004512780329311036 tex_cicero; 0.0003760650274425863 tex_didot; 0.004217517642175176
tex_pica; 0.000351459803514598 tex_point; 2.5399999999999997e-05 thou mil_length th; 1.00207697e-13 x_unit_Cu Xu_Cu;
1.00209952e-13 x_unit_Mo Xu_Mo; 0.9144 yard international_yard yd
@ meter**1 second**-1
2.7777777777777787e-07 LMH; 0.30479999999999996 foot_per_second fps; 0.2777777777777778 kilometer_per_hour KPH kph;
1000.0 kilometer_per_second kps; 0.5144444444444445 knot international_knot kn knot_international kt; 1.0
meter_per_second mps; 0.44704 mile_per_hour MPH mph; 299792458.0 speed_of_light c c_0; 0.01 statmho
@ meter**1 second**-2
0.01 galileo Gal; 1.0 meter_per_second_squared; 9.80665 standard_gravity g0 g_0 g_n gravity
@ meter**2
4046.8726098742513 acre; 100.0 are; 1e-28 barn b; 5.067074790974977e-10 circular_mil cmil; 9.86923266716013e-13 darcy;
10000.0 hectare ha; 0.09290303999999999 square_foot sq_ft square_feet; 0.00064516 square_inch sq_in square_inches;
23309986.232875686 square_league; 2589988.110336 square_mile sq_mi; 25.29295381171407 square_rod sq_perch sq_pole
sq_rod; 2589998.4703195207 square_survey_mile section; 0.83612736 square_yard sq_yd; 6.65245870505805e-29
thomson_cross_section sigma_e
@ meter**2 second**-1
0.0001 stokes St
@ meter**2 second**-2
9806.65 RKM; 1.0 gray Gy; 0.01 rads; 0.01 rem; 1.0 sievert Sv
@ meter**3
1233.4892384681489 acre_foot acre_feet; 0.11924047119599998 barrel bbl; 0.11734776530399997 beer_barrel beer_bbl;
0.0023597372159999998 board_foot BDFT BF FBM board_feet super_feet super_foot superficial_feet superficial_foot;
0.03523907016687999 bushel bu; 1.0000000000000002e-06 cubic_centimeter cc; 0.028316846591999994 cubic_foot cu_ft
cubic_feet; 1.6387063999999996e-05 cubic_inch cu_in; 0.764554857984 cubic_yard cu_yd; 0.00023658823649999996 cup
US_liquid_cup cp liquid_cup; 0.11562712358399999 dry_barrel US_dry_barrel; 0.004404883770859999 dry_gallon
US_dry_gallon dgal; 0.0005506104713574999 dry_pint US_dry_pint dpi; 0.0011012209427149998 dry_quart US_dry_quart dqt;
0.0007570823567999999 fifth US_liquid_fifth; 3.6966911953124993e-06 fluid_dram US_fluid_dram US_liquid_dram fldr
fluidram; 2.9573529562499994e-05 fluid_ounce US_fluid_ounce US_liquid_ounce floz; 0.0037854117839999993 gallon
US_liquid_gallon gal liquid_gallon; 0.00011829411824999998 gill US_liquid_gill gi liquid_gill; 0.23848094239199996
hogshead; 0.16365924000000004 imperial_barrel UK_bbl imperial_bbl; 0.036368720000000014 imperial_bushel UK_bushel
imperial_bu; 0.0002841306250000001 imperial_cup UK_cup imperial_cp; 3.551632812500001e-06 imperial_fluid_drachm
imperial_fldr imperial_fluid_dram; 2.8413062500000008e-05 imperial_fluid_ounce UK_fluid_ounce imperial_floz;
1.1838776041666672e-06 imperial_fluid_scruple; 0.004546090000000002 imperial_gallon UK_gallon imperial_gal;
0.00014206531250000006 imperial_gill UK_gill imperial_gi; 5.919388020833336e-08 imperial_minim; 0.009092180000000004
imperial_peck UK_pk imperial_pk; 0.0005682612500000002 imperial_pint UK_pint imperial_pt; 0.0011365225000000004
imperial_quart UK_quart imperial_qt; 1.0000000000000003e-09 lambda; 0.0010000000000000002 liter L l litre;
6.161151992187499e-08 minim; 0.15898729492799996 oil_barrel oil_bbl; 0.008809767541719998 peck pk;
0.0004731764729999999 pint US_pint liquid_pint pt; 0.0009463529459999998 quart US_liquid_quart liquid_quart qt;
4.436029434374999e-05 shot US_shot jig; 1.0 stere; 1.4786764781249997e-05 tablespoon tbsp; 4.928921593749999e-06
teaspoon tsp
@ meter**3 second**-1
1000000.0 sverdrup sv
@ mole**-1
6.02214076e+23 avogadro_constant N_A
@ mole**1
1.0 mole mol; 1.6605390671738466e-24 particle molec molecule
@ mole**1 second**-1
1.6666666666666667e-08 enzyme_unit U enzymeunit; 1.0 katal kat
@ person**1
1.0 person
@ pixel**1
1.0 pixel dot pel picture_element
@ radian**1
0.00029088820866572163 arcminute angular_minute arc_minute arcmin; 4.84813681109536e-06 arcsecond angular_second
arc_second arcsec; 0.017453292519943295 degree angular_degree arcdeg arcdegree deg; 0.015707963267948967 grade gon grad
gradian; 9.817477042468104e-05 mil; 4.84813681109536e-09 mas; 1.0 radian rad; 6.283185307179586 turn circle cycle
revolution
@ radian**1 second**-1
0.10471975511965977 revolutions_per_minute rpm; 6.283185307179586 revolutions_per_second rps
@ radian**2
0.00030461741978670857 square_degree sq_deg sqdeg; 1.0 steradian sr
@ refractive_index_unit**1
1.0 refractive_index_unit RIU
@ second**-1
1.0 hertz Hz
@ second**1
2.4188843265863416e-17 atomic_unit_of_time a_u_time; 3155760000.0 century centuries; 31536000.0 common_year; 86400.0
day d; 3.15576e+16 eon; 1209600.0 fortnight; 31556952.0 gregorian_year; 3600.0 hour h hr; 31622400.0 leap_year;
31557600000.0 millennium millennia; 60.0 minute min; 2629800.0 month; 5.391246448313604e-44 planck_time; 7889400.0
quarter; 1.0 second s sec; 1e-08 shake; 86164.09053083285 sidereal_day; 2360591.55792 sidereal_month; 31558149.7635456
sidereal_year; 1e-13 svedberg; 2551442.8896000003 synodic_month lunar_month; 2360584.6848 tropical_month;
31556925.2507328 tropical_year; 604800.0 week; 31557600.0 year a julian_year yr
"""

_ALONE = """
decade; decibel dB; decibelmicrowatt dBu; decibelmilliwatt dBm; decibelwatt dBW; degree_Celsius celsius degC degreeC;
degree_Fahrenheit degF degreeF fahrenheit; degree_Reaumur degRe degreeRe reaumur; neper Np; octave oct
"""


class Entry(NamedTuple):
    """What a name stands for: a factor times base units with their exponents, and whether a prefix may stand before."""

    factor: float
    base: tuple[tuple[str, float], ...]
    takes_prefixes: bool


def _entries(text: str) -> Iterator[list[str]]:
    return (entry.split() for entry in text.split(";"))


def _multiples() -> Iterator[tuple[str, Entry]]:
    for group in _MULTIPLES.split("@")[1:]:
        head, _, body = group.partition("\n")
        powers = (word.split("**") for word in head.split())
        base = tuple((name, float(power)) for name, power in powers)
        for factor, *names in _entries(body):
            entry = Entry(float(factor), base, True)
            yield from ((name, entry) for name in names)


def _alone() -> Iterator[tuple[str, Entry]]:
    """Units with a zero of their own and logarithmic ones: each is its own base unit."""
    for names in _entries(_ALONE):
        yield from ((name, Entry(1.0, ((names[0], 1.0),), False)) for name in names)


PREFIXES: Mapping[str, float] = {name.strip("-"): float(scale) for name, scale in _entries(_PREFIXES)}
UNITS: Mapping[str, Entry] = {**dict(_multiples()), **dict(_alone())}
